// Work in progress: begun when somebody starts to fill in a form, so that it is
// mostly done when they send it.
import { challenge } from '../api/joining.ts';
import type { Challenge } from './solve.ts';

export interface Proof {
	challenge: string;
	nonces: number[];
}

/** A challenge counts for a quarter of an hour; what is nearly over is done anew. */
const patience = 12 * 60_000;

export class Work {
	/** How much is done, from 0 to 1. */
	progress = $state(0);

	#worker: Worker | undefined;
	#doing: Promise<Proof> | undefined;
	#begun = 0;

	/** Begins, unless it has begun already. */
	begin(): Promise<Proof> {
		if (this.#doing && Date.now() - this.#begun < patience) return this.#doing;
		this.stop();
		this.#begun = Date.now();
		const doing = this.#work();
		// Whoever waits for it hears of it; until then nobody need.
		doing.catch(() => {
			if (this.#doing === doing) this.#doing = undefined;
		});
		return (this.#doing = doing);
	}

	async #work(): Promise<Proof> {
		const asked = await challenge();
		return { challenge: asked.challenge, nonces: await this.#solve(asked) };
	}

	#solve(asked: Challenge): Promise<number[]> {
		return new Promise((resolve, reject) => {
			const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
			this.#worker = worker;
			worker.onmessage = ({ data }: MessageEvent<{ found?: number; nonces?: number[] }>) => {
				if (data.found) this.progress = data.found / asked.parts;
				if (!data.nonces) return;
				worker.terminate();
				resolve(data.nonces);
			};
			worker.onerror = () => {
				worker.terminate();
				reject(new Error('the worker failed'));
			};
			worker.postMessage({ challenge: asked.challenge, bits: asked.bits, parts: asked.parts });
		});
	}

	/** Ends it, done or not. */
	stop(): void {
		this.#worker?.terminate();
		this.#worker = undefined;
		this.#doing = undefined;
		this.progress = 0;
	}
}
