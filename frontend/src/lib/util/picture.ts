// Which picture stands beside a name.
import { fileLink } from './text.ts';

/** As much of an actor as is drawn. */
export interface Shown {
	name: string;
	host?: string;
	icon?: string;
	icon_small?: string;
}

/**
 * The address of somebody's picture, or nothing. Those that are kept on other
 * servers come through this one: nobody else learns who reads what.
 */
export function picture(actor: Shown, big: boolean): string {
	const address = (big ? actor.icon : actor.icon_small) || actor.icon || '';
	const link = fileLink(address) ?? '';
	return actor.host && !link.startsWith('/media/') ? '' : link;
}

/** The largest side that is worth sending: nothing is shown larger. */
const SIDE = 2000;
/** Files below this are sent as they are. */
const SMALL = 1_500_000;

/**
 * A photo as it is sent: large ones are made smaller first, which spares those on
 * the road most of the wait. What the browser cannot read goes as it is; the
 * server says what is wrong with it.
 */
export async function packed(file: Blob): Promise<Blob> {
	if (file.size < SMALL || typeof createImageBitmap !== 'function') return file;
	try {
		const bitmap = await createImageBitmap(file);
		const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
		const canvas = document.createElement('canvas');
		canvas.width = Math.round(bitmap.width * scale);
		canvas.height = Math.round(bitmap.height * scale);
		canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
		bitmap.close();
		const type = file.type === 'image/png' || file.type === 'image/webp' ? 'image/png' : 'image/jpeg';
		const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, 0.9));
		return small && small.size < file.size ? small : file;
	} catch {
		return file;
	}
}
