import { describe, expect, it } from 'vitest';
import { apply, type Edit, type Tool } from './markdown.ts';

/** "a [b] c" is a text with b selected. */
function edit(marked: string): Edit {
	const start = marked.indexOf('‹');
	const end = marked.indexOf('›') - 1;
	return { text: marked.replace(/[‹›]/g, ''), start, end };
}
const shown = ({ text, start, end }: Edit): string =>
	text.slice(0, start) + '‹' + text.slice(start, end) + '›' + text.slice(end);

describe('apply', () => {
	it.each<[Tool, string, string]>([
		['bold', 'a ‹b› c', 'a **‹b›** c'],
		['bold', 'a **‹b›** c', 'a ‹b› c'],
		['italic', '‹›', '_‹›_'],
		['code', 'a ‹b›', 'a `‹b›`'],
		['code', 'a‹x\ny›b', 'a\n```\n‹x\ny›\n```\nb'],
		['link', 'see ‹here›', 'see [here](‹https://›)'],
		['link', '‹https://a.example/b›', '[‹›](https://a.example/b)'],
		['quote', 'one\ntw‹›o', 'one\n> tw‹›o'],
		['quote', '> on‹›e', 'on‹›e'],
		['list', 'x\n‹a\nb›\ny', 'x\n‹- a\n- b›\ny'],
		['list', '‹- a\n- b›', '‹a\nb›'],
		['list', '‹- a\nb›', '‹- - a\n- b›']
	])('%s makes %j into %j', (tool, before, after) => {
		expect(shown(apply(tool, edit(before)))).toBe(after);
	});
});
