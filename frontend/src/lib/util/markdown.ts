// What the toolbar does to a text and its selection. Pure, so that the
// component only has to put the result back.

export interface Edit {
	text: string;
	start: number;
	end: number;
}

export type Tool = 'bold' | 'italic' | 'link' | 'code' | 'quote' | 'list';

export const tools: readonly Tool[] = ['bold', 'italic', 'link', 'quote', 'code', 'list'];

export function apply(tool: Tool, edit: Edit): Edit {
	switch (tool) {
		case 'bold':
			return wrap(edit, '**');
		case 'italic':
			return wrap(edit, '_');
		case 'link':
			return link(edit);
		case 'code':
			return edit.text.slice(edit.start, edit.end).includes('\n') ? fence(edit) : wrap(edit, '`');
		case 'quote':
			return lines(edit, '> ');
		case 'list':
			return lines(edit, '- ');
	}
}

/** Puts marks around the selection, or takes them away where they are. */
function wrap({ text, start, end }: Edit, mark: string): Edit {
	const n = mark.length;
	if (text.slice(start - n, start) === mark && text.slice(end, end + n) === mark) {
		return {
			text: text.slice(0, start - n) + text.slice(start, end) + text.slice(end + n),
			start: start - n,
			end: end - n
		};
	}
	return {
		text: text.slice(0, start) + mark + text.slice(start, end) + mark + text.slice(end),
		start: start + n,
		end: end + n
	};
}

/** A selected address becomes the target, anything else the words. */
function link({ text, start, end }: Edit): Edit {
	const chosen = text.slice(start, end);
	const isAddress = /^https?:\/\/\S+$/.test(chosen);
	const made = isAddress ? `[](${chosen})` : `[${chosen}](https://)`;
	const caret = isAddress ? start + 1 : start + made.length - 1;
	const from = isAddress ? caret : caret - 'https://'.length;
	return { text: text.slice(0, start) + made + text.slice(end), start: from, end: caret };
}

function fence({ text, start, end }: Edit): Edit {
	const before = start > 0 && text[start - 1] !== '\n' ? '\n' : '';
	const after = text[end] === '\n' || end === text.length ? '' : '\n';
	const open = before + '```\n';
	return {
		text: text.slice(0, start) + open + text.slice(start, end) + '\n```' + after + text.slice(end),
		start: start + open.length,
		end: end + open.length
	};
}

/** Starts every touched line with a mark, or frees them all from it. */
function lines({ text, start, end }: Edit, mark: string): Edit {
	const from = text.lastIndexOf('\n', start - 1) + 1;
	const stop = text.indexOf('\n', end);
	const to = stop < 0 ? text.length : stop;
	const old = text.slice(from, to).split('\n');
	const marked = old.every((l) => l.startsWith(mark));
	const made = old.map((l) => (marked ? l.slice(mark.length) : mark + l)).join('\n');
	return {
		text: text.slice(0, from) + made + text.slice(to),
		start: old.length > 1 ? from : Math.max(from, start + (marked ? -1 : 1) * mark.length),
		end: end + made.length - (to - from)
	};
}
