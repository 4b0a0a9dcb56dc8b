import { quotes } from '#lib/api/quotes.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => ({ list: await orError(quotes({ cursor: cursorOf(url) }), url) });
