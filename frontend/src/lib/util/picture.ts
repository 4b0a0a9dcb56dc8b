// Which picture stands beside a name.
import { webLink } from './text.ts';

/** As much of an actor as is drawn. */
export interface Shown {
	name: string;
	host?: string;
	icon?: string;
	icon_small?: string;
}

/**
 * The address of somebody's picture, or nothing. One that is kept on another
 * server is shown on its owner's own page alone: a list full of them would tell
 * all those servers who reads what.
 */
export function picture(actor: Shown, big: boolean, own = false): string {
	if (actor.host && !own) return '';
	const address = (big ? actor.icon : actor.icon_small) || actor.icon || '';
	return webLink(address) ?? '';
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
