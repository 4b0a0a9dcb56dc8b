// The data island: answers the server already put into the page, so that the
// first screen needs no request at all.
//
// Every entry is used once. A second question for the same thing means that
// somebody wants to know how it is now.

/** The same question has the same key, however its parameters are ordered. */
export function keyOf(address: string): string {
	const url = new URL(address, 'http://island.invalid');
	const kept = [...url.searchParams].filter(
		([name, value]) => value !== '' && !(name === 'limit' && value === '25')
	);
	kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	const query = new URLSearchParams(kept).toString();
	return decodeURIComponent(url.pathname) + (query ? '?' + query : '');
}

export class Island {
	readonly #entries = new Map<string, unknown>();

	constructor(json: string | null | undefined) {
		if (!json) return;
		let data: unknown;
		try {
			data = JSON.parse(json);
		} catch {
			return; // a broken island is an empty one: the API has it all
		}
		if (typeof data !== 'object' || data === null || Array.isArray(data)) return;
		for (const [address, body] of Object.entries(data)) this.#entries.set(keyOf(address), body);
	}

	get size(): number {
		return this.#entries.size;
	}

	/** The answer to a GET, if the page brought one; gone afterwards. */
	take(address: string): Response | undefined {
		const key = keyOf(address);
		if (!this.#entries.has(key)) return undefined;
		const body = this.#entries.get(key);
		this.#entries.delete(key);
		return Response.json(body, { status: problemStatus(body) ?? 200 });
	}

	/** After the first screen, what was not asked for is only old. */
	clear(): void {
		this.#entries.clear();
	}
}

/** A problem in the island stands for the error answer it came with. */
function problemStatus(body: unknown): number | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const { status, title } = body as { status?: unknown; title?: unknown };
	return typeof status === 'number' && status >= 400 && typeof title === 'string' ? status : undefined;
}
