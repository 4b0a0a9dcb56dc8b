import * as api from '#lib/api/calls.ts';
import { oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

const kinds = ['all', 'posts', 'comments', 'groups', 'feeds', 'people'] as const;

export const load: PageLoad = async ({ url }) => {
	const q = url.searchParams.get('q')?.trim() ?? '';
	const kind = oneOf(url.searchParams.get('kind'), kinds, 'all');
	const found = q ? await orError(api.search({ q, kind: kind === 'all' ? undefined : kind }), url) : null;
	return { q, kind, kinds, found };
};
