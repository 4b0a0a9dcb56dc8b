// What went wrong, in words for the person in front of the screen.
import { t, has } from '../i18n/index.ts';

export type ProblemCode =
	| 'invalid'
	| 'unauthenticated'
	| 'forbidden'
	/** The password was right; say the code that belongs to it. */
	| 'code_required'
	/** Prove again who you are, then ask again. */
	| 'confirmation_required'
	| 'not_found'
	| 'conflict'
	| 'too_large'
	| 'rate_limited'
	| 'unavailable'
	| 'internal'
	/** The request never got an answer. */
	| 'offline';

const byStatus: Record<number, ProblemCode> = {
	400: 'invalid',
	401: 'unauthenticated',
	403: 'forbidden',
	404: 'not_found',
	409: 'conflict',
	410: 'not_found',
	413: 'too_large',
	422: 'invalid',
	429: 'rate_limited',
	502: 'unavailable',
	503: 'unavailable',
	504: 'unavailable'
};

export class Problem extends Error {
	readonly code: ProblemCode;
	readonly status: number;
	/** Messages by field name, for forms: {"name": "is taken"}. */
	readonly fields: Record<string, string>;

	constructor(code: ProblemCode, message: string, status = 0, fields: Record<string, string> = {}) {
		super(message);
		this.name = 'Problem';
		this.code = code;
		this.status = status;
		this.fields = fields;
	}

	/** What a form still has to say when these fields show their own errors. */
	beyond(...shown: string[]): string {
		return shown.some((name) => this.fields[name]) ? '' : this.message;
	}
}

const isRecord = (v: unknown): v is Record<string, unknown> =>
	typeof v === 'object' && v !== null && !Array.isArray(v);

/** "body.title" and "/title" both mean the field called title. */
function fieldName(location: string): string {
	return location.split(/[./]/).filter(Boolean).at(-1)?.replace(/\[\d+\]$/, '') ?? '';
}

function fieldsOf(errors: unknown): Record<string, string> {
	const out: Record<string, string> = {};
	if (!Array.isArray(errors)) return out;
	for (const e of errors as unknown[]) {
		if (!isRecord(e) || typeof e.message !== 'string') continue;
		const name = typeof e.location === 'string' ? fieldName(e.location) : '';
		// The first complaint about a field is the one to fix first.
		if (name && !(name in out)) out[name] = e.message;
	}
	return out;
}

function codeOf(body: Record<string, unknown>, status: number): ProblemCode {
	if (typeof body.code === 'string' && has(`problem.${body.code}`)) return body.code as ProblemCode;
	return byStatus[status] ?? (status >= 400 && status < 500 ? 'invalid' : 'internal');
}

/** Reads an RFC 9457 problem; anything else (a proxy's page) still makes sense. */
export function parseProblem(status: number, body: unknown): Problem {
	const b = isRecord(body) ? body : {};
	const code = codeOf(b, status);
	const fields = fieldsOf(b.errors);
	const said = typeof b.detail === 'string' ? b.detail.trim() : '';
	// What an internal error says is for the log, not for people.
	const message = said && code !== 'internal' ? said : t(`problem.${code}`);
	return new Problem(code, message, status, fields);
}

/** Any thrown thing as a Problem. */
export function asProblem(e: unknown): Problem {
	if (e instanceof Problem) return e;
	return new Problem('internal', t('problem.internal'));
}

export const offline = (): Problem => new Problem('offline', t('problem.offline'));
