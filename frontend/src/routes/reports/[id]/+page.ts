import { error, redirect } from '@sveltejs/kit';
import * as api from '#lib/api/reports.ts';
import { t } from '#lib/i18n/index.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const id = Number(params.id);
	if (!Number.isSafeInteger(id)) error(404, { message: t('problem.not_found'), code: 'not_found' });
	return { me, report: await orError(api.report(id), url) };
};
