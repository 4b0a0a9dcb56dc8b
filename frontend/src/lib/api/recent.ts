import { keyOf } from './island.ts';

// The answers of the screens just left. Only the Back and Forward buttons may
// use them: a list that comes back as it was can be scrolled to where the
// reader stood, a link that is followed shows how things are now.
export class Recent {
	readonly #limit: number;
	readonly #answers = new Map<string, Response>();
	/** Set while the browser goes through its history. */
	travelling = false;

	constructor(limit: number) {
		this.#limit = limit;
	}

	keep(address: string, answer: Response): void {
		const key = keyOf(address);
		this.#answers.delete(key);
		this.#answers.set(key, answer);
		const oldest = this.#answers.keys().next();
		if (this.#answers.size > this.#limit && !oldest.done) this.#answers.delete(oldest.value);
	}

	take(address: string): Response | undefined {
		return this.travelling ? this.#answers.get(keyOf(address))?.clone() : undefined;
	}

	/** Whoever changed something must not be shown how it was before. */
	clear(): void {
		this.#answers.clear();
	}
}
