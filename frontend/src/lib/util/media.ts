// What uploads are to the text that they belong to. Pure.
import type { Attachment } from '../api/types.ts';

/** What the chooser of files offers. The server looks into them for itself. */
export const accepted = 'image/jpeg,image/png,image/gif,image/webp,video/mp4,video/webm,video/quicktime,audio/*';

/** As many as one text shows. */
export const most = 12;

/** The files that were pasted or dropped. Text that comes with a picture of itself stays text. */
export function filesIn(data: DataTransfer | null): File[] {
	if (!data || data.types.includes('text/plain')) return [];
	return [...data.files].filter((file) => /^(image|video|audio)\//.test(file.type) && file.type !== 'image/svg+xml');
}

/** Markdown that shows an upload where it stands. */
export function inText(item: Pick<Attachment, 'kind' | 'url' | 'alt'>): string {
	const path = item.url.replace(/^https?:\/\/[^/]+/, '');
	const words = item.alt.replace(/\s+/g, ' ').replace(/[\\[\]]/g, '\\$&');
	return item.kind === 'image' ? `![${words}](${path})` : `[${words || path}](${path})`;
}

/** A list with one of its members elsewhere. */
export function moved<T>(list: T[], from: number, to: number): T[] {
	if (to < 0 || to >= list.length) return list;
	const out = [...list];
	out.splice(to, 0, ...out.splice(from, 1));
	return out;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** The colour of a picture as a whole, out of its blurhash. */
export function colour(blurhash: string | undefined): string {
	if (!blurhash || blurhash.length < 6) return '';
	let n = 0;
	for (const c of blurhash.slice(2, 6)) {
		const digit = digits.indexOf(c);
		if (digit < 0) return '';
		n = n * 83 + digit;
	}
	return `#${(n & 0xffffff).toString(16).padStart(6, '0')}`;
}
