/** The plain text of sanitised HTML, shortened at a word for a list. */
export function excerpt(html: string, limit = 200): string {
	const text = html
		.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
		// Words on both sides of a block stay two words.
		.replace(/<\/?(p|div|li|ul|ol|h[1-6]|blockquote|pre|br|tr|td|th)\b[^>]*>/gi, ' ')
		.replace(/<[^>]*>/g, '')
		.replace(/&lt;/g, '<')
		.replace(/&gt;/g, '>')
		.replace(/&(quot|#34);/g, '"')
		.replace(/&(#39|apos);/g, "'")
		.replace(/&nbsp;/g, ' ')
		.replace(/&amp;/g, '&')
		.replace(/\s+/g, ' ')
		.trim();
	const letters = [...text];
	if (letters.length <= limit) return text;
	const cut = letters.slice(0, limit).join('');
	const space = cut.lastIndexOf(' ');
	return (space > limit / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.–-]+$/, '') + '…';
}

/** "example.org" of a link, for people who want to know where it leads. */
export function hostOf(link: string): string {
	try {
		return new URL(link).hostname.replace(/^www\./, '');
	} catch {
		return '';
	}
}

/** A link as text: without scheme, and not longer than a line. */
export function shortLink(link: string, limit = 80): string {
	const text = link.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '');
	return text.length > limit ? text.slice(0, limit - 1) + '…' : text;
}

/** Whether this looks like the address or handle of something elsewhere. */
export function looksRemote(q: string): boolean {
	const text = q.trim();
	if (/\s/.test(text)) return false;
	return /^https?:\/\/[^/]+(\.|:\d)[^/]+/.test(text) || /^(acct:)?[@!&~]?[\w.-]+@[\w-]+((\.[\w-]+)+|(?=:))(:\d+)?$/.test(text);
}

/** The server that an address or handle names. */
export function hostIn(q: string): string {
	const text = q.trim();
	if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text).host;
	return text.slice(text.lastIndexOf('@') + 1);
}

/** Only web addresses become links, whatever a peer sent. */
export const webLink = (link: string | undefined): string | undefined =>
	link && /^https?:\/\//i.test(link) ? link : undefined;

/** Where a file is: here, or, where it may be elsewhere, at a web address. */
export const fileLink = (link: string | undefined): string | undefined =>
	link && /^\/media\//.test(link) ? link : webLink(link);

/** What stands between commas. */
export const words = (text: string): string[] =>
	text
		.split(',')
		.map((word) => word.trim())
		.filter(Boolean);

/** What the languages with these short names are called, as far as the browser knows. */
export function namesOf(tags: string[]): string {
	const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
	return tags
		.flatMap((tag) => {
			try {
				return names.of(tag) ?? [];
			} catch {
				return []; // it is no short name
			}
		})
		.join(', ');
}
