// A small translation layer: one JSON file a language, keys checked by the
// compiler, plurals by the browser. A message is a string, or an object with
// the plural forms of its language, chosen by {n}.
//
// en.json is what every screen may say. What few screens say stands in a file
// of its own (settings.json, messages.json, …), which they import, so that nobody
// else carries it: import '#lib/i18n/settings.ts'.
import en from './en.json' with { type: 'json' };

export type Key =
	| keyof typeof en
	| keyof typeof import('./apps.json', { with: { type: 'json' } })
	| keyof typeof import('./company.json', { with: { type: 'json' } })
	| keyof typeof import('./data.json', { with: { type: 'json' } })
	| keyof typeof import('./doors.json', { with: { type: 'json' } })
	| keyof typeof import('./drafts.json', { with: { type: 'json' } })
	| keyof typeof import('./events.json', { with: { type: 'json' } })
	| keyof typeof import('./finding.json', { with: { type: 'json' } })
	| keyof typeof import('./following.json', { with: { type: 'json' } })
	| keyof typeof import('./groups.json', { with: { type: 'json' } })
	| keyof typeof import('./history.json', { with: { type: 'json' } })
	| keyof typeof import('./joining.json', { with: { type: 'json' } })
	| keyof typeof import('./keeping.json', { with: { type: 'json' } })
	| keyof typeof import('./live.json', { with: { type: 'json' } })
	| keyof typeof import('./lists.json', { with: { type: 'json' } })
	| keyof typeof import('./media.json', { with: { type: 'json' } })
	| keyof typeof import('./messages.json', { with: { type: 'json' } })
	| keyof typeof import('./moderation.json', { with: { type: 'json' } })
	| keyof typeof import('./notifications.json', { with: { type: 'json' } })
	| keyof typeof import('./notices.json', { with: { type: 'json' } })
	| keyof typeof import('./orders.json', { with: { type: 'json' } })
	| keyof typeof import('./outward.json', { with: { type: 'json' } })
	| keyof typeof import('./peers.json', { with: { type: 'json' } })
	| keyof typeof import('./people.json', { with: { type: 'json' } })
	| keyof typeof import('./polls.json', { with: { type: 'json' } })
	| keyof typeof import('./profile.json', { with: { type: 'json' } })
	| keyof typeof import('./questions.json', { with: { type: 'json' } })
	| keyof typeof import('./quotes.json', { with: { type: 'json' } })
	| keyof typeof import('./saved.json', { with: { type: 'json' } })
	| keyof typeof import('./reading.json', { with: { type: 'json' } })
	| keyof typeof import('./reports.json', { with: { type: 'json' } })
	| keyof typeof import('./roles.json', { with: { type: 'json' } })
	| keyof typeof import('./security.json', { with: { type: 'json' } })
	| keyof typeof import('./settings.json', { with: { type: 'json' } })
	| keyof typeof import('./standing.json', { with: { type: 'json' } })
	| keyof typeof import('./submit.json', { with: { type: 'json' } })
	| keyof typeof import('./writing.json', { with: { type: 'json' } });
export type Params = Record<string, string | number>;
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Messages = Record<string, string | Forms>;

export interface Language {
	tag: string;
	messages: Messages;
}

const fill = (message: string, params: Params, number: Intl.NumberFormat): string =>
	message.replace(/\{(\w+)\}/g, (whole, name: string) => {
		const value = params[name];
		if (value === undefined) return whole;
		return typeof value === 'number' ? number.format(value) : value;
	});

/** A translator for one language; `t` below is the app's. */
export function translator({ tag, messages }: Language) {
	const plural = new Intl.PluralRules(tag);
	const number = new Intl.NumberFormat(tag);
	return (key: string, params: Params = {}): string => {
		const message = messages[key];
		if (message === undefined) return key;
		if (typeof message === 'string') return fill(message, params, number);
		const form = message[plural.select(Number(params.n))] ?? message.other;
		return fill(form, params, number);
	};
}

export const language = 'en';

const known: Messages = { ...en };
const english = translator({ tag: language, messages: known });

/** Adds what some screens say. */
export const add = (more: Messages): void => void Object.assign(known, more);

export const t: (key: Key, params?: Params) => string = english;

/** A number as the language writes it. */
export const count = (n: number): string => numbers.format(n);
const numbers = new Intl.NumberFormat(language);

/** Whether a key put together at run time exists. */
export const has = (key: string): key is Key => Object.hasOwn(known, key);
