import { following } from '#lib/api/following.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => ({ list: await orError(following({ cursor: cursorOf(url) }), url) });
