// Taking along what is one's own, bringing it along, and leaving.
import { ask, client } from './client.ts';
import type { components } from './schema.gen';

type S = components['schemas'];
export type Export = S['Export'];
export type Import = S['Import'];
export type ImportPage = S['ImportPage'];

export const myExport = (): Promise<Export> => ask(client.GET('/me/export'));
export const beginExport = (): Promise<Export> => ask(client.POST('/me/export'));
export const deleteExport = (): Promise<unknown> => ask(client.DELETE('/me/export'));

/** What was brought along; nothing is no mistake. */
export const myImport = (): Promise<Import | undefined> =>
	ask(client.GET('/me/import')).catch((e: unknown) => {
		if ((e as { code?: string }).code === 'not_found') return undefined;
		throw e;
	});

export function bring(files: FileList): Promise<Import> {
	const form = new FormData();
	for (const file of files) form.append('files', file, file.name);
	return ask(client.POST('/me/import', { body: form as unknown as { files: string[] } }));
}

export const startImport = (replace: boolean): Promise<Import> => ask(client.POST('/me/import/start', { body: { replace } }));
export const stopImport = (): Promise<unknown> => ask(client.DELETE('/me/import'));
export const troubles = (): Promise<ImportPage> =>
	ask(client.GET('/me/import/lines', { params: { query: { troubled: true } } }));

export const leave = (with_posts: boolean): Promise<unknown> => ask(client.DELETE('/me', { body: { with_posts } }));
export const comeBack = (): Promise<unknown> => ask(client.POST('/me/return'));
