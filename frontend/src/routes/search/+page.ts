import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

const kinds = ['all', 'posts', 'comments', 'people', 'groups', 'feeds'] as const;
const sorts = ['best', 'new', 'top'] as const;
const filters = ['author', 'group', 'type', 'site', 'after', 'before', 'lang', 'mine'] as const;

export const load: PageLoad = async ({ url }) => {
	const of = (name: string) => url.searchParams.get(name)?.trim() ?? '';
	const q = of('q');
	const kind = oneOf(url.searchParams.get('kind'), kinds, 'all');
	const sort = oneOf(url.searchParams.get('sort'), sorts, 'best');
	const values: Record<string, string> = {};
	for (const name of filters) if (of(name)) values[name] = of(name);
	const paged = kind === 'posts' || kind === 'comments';
	const found =
		q || Object.keys(values).length
			? await orError(
					api.search({
						q,
						kind: kind === 'all' ? undefined : kind,
						sort: sort === 'best' ? undefined : sort,
						...values,
						mine: values.mine === 'true' || undefined,
						cursor: paged ? cursorOf(url) : undefined
					}),
					url
				)
			: null;
	return { q, kind, kinds, sort, sorts, filters, values, found };
};
