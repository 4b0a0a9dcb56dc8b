// In which language somebody writes.

/** Those that people most often write in; others come by what is chosen. */
const common = 'ar bg bn ca cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv nb nl nn pl pt pt-BR ro ru sk sl sr sv ta th tr uk ur vi zh'.split(' ');
const place = 'ds-language';

/** Tags and names, in the order of their names, each in its own language. */
export function languages(chosen: string): [tag: string, name: string][] {
	const tags = new Set([...common, ...(chosen ? [chosen] : [])]);
	return [...tags].map((tag): [string, string] => [tag, nameOf(tag)]).sort((a, b) => a[1].localeCompare(b[1]));
}

function nameOf(tag: string): string {
	try {
		return new Intl.DisplayNames([tag, 'en'], { type: 'language' }).of(tag) ?? tag;
	} catch {
		return tag; // no language that this browser knows
	}
}

/** What somebody chose last in this browser; nothing, if nothing. */
export function usualLanguage(): string {
	try {
		return localStorage.getItem(place) ?? '';
	} catch {
		return '';
	}
}

export function rememberLanguage(tag: string): void {
	try {
		localStorage.setItem(place, tag);
	} catch {
		// It is asked again next time.
	}
}
