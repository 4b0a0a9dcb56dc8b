import { group } from '#lib/api/calls.ts';
import { questions, responses } from '#lib/api/questions.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import { may } from '#lib/util/may.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const name = url.searchParams.get('group') ?? '';
	const view = oneOf(url.searchParams.get('view'), ['home', 'all'], me ? 'home' : 'all');
	const want = oneOf(url.searchParams.get('want'), ['first', 'chosen'], 'first');
	const [of, found] = await orError(
		Promise.all([name ? group(name) : undefined, questions({ view, group: name || undefined, want, cursor: cursorOf(url) })]),
		url
	);
	// Beside the point of the page, so it may be missing.
	const figures = of && may(of, 'metrics.see') ? await responses(name).catch(() => undefined) : undefined;
	return { of, view, want, list: found, figures };
};
