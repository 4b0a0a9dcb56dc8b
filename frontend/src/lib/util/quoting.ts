// Quoting a part of what somebody said: as lines of Markdown in an answer.
import { drafts, target } from './drafts.ts';

/** Longer than that, nobody finds the answer. */
const most = 2000;

/** Words as a quotation, ready to be answered below. */
export function asQuotation(words: string): string {
	const text = words.replace(/\r\n?/g, '\n').replace(/\n{3,}/g, '\n\n').trim();
	if (!text) return '';
	const cut = text.length > most ? text.slice(0, most).trimEnd() + ' …' : text;
	return cut
		.split('\n')
		.map((line) => `> ${line}`.trimEnd())
		.join('\n') + '\n\n';
}

/** Puts a quotation behind what was begun of an answer. */
export function quoteInto(post: number, parent: number | undefined, words: string): void {
	const key = target.reply(post, parent);
	const begun = drafts.load(key);
	const body = begun?.body?.trimEnd();
	drafts.save(key, { ...begun, body: (body ? body + '\n\n' : '') + asQuotation(words) });
}
