// What happens while something is on its way to the server.
import { asProblem, type Problem } from '../api/problem.ts';
import { toasts } from './toasts.svelte.ts';

/** The state of a form: one thing at a time is sent, and what went wrong stays. */
export class Sending {
	busy = $state(false);
	problem = $state.raw<Problem>();

	/** What went wrong, where no field says it. */
	get trouble(): string {
		return this.problem?.message ?? '';
	}

	/** Does the work, unless some is being done. True: it was, and it went well. */
	async run(work: () => Promise<unknown>): Promise<boolean> {
		if (this.busy) return false;
		this.busy = true;
		this.problem = undefined;
		try {
			await work();
			return true;
		} catch (e) {
			this.problem = asProblem(e);
			return false;
		} finally {
			this.busy = false;
		}
	}
}

/** For what has no form: what goes wrong is told at the edge of the page. True: it went well. */
export async function tried(work: () => Promise<unknown>): Promise<boolean> {
	try {
		await work();
		return true;
	} catch (e) {
		toasts.show(asProblem(e).message);
		return false;
	}
}
