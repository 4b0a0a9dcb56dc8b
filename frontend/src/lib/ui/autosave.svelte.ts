// Saves a draft every two seconds while it changes, and when the page goes.
import { drafts, type Draft } from '../util/drafts.ts';

const pause = 2000;

export function autosave(key: () => string | undefined, draft: () => Omit<Draft, 'at'>, onsave?: () => void) {
	let saved = $state(true);
	let done = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function now(): void {
		clearTimeout(timer);
		timer = undefined;
		const at = key();
		if (!at || done) return;
		saved = drafts.save(at, draft());
		onsave?.();
	}

	// The first run only learns what there is; from then on, changes count.
	let first = true;
	$effect(() => {
		draft();
		key();
		if (first) {
			first = false;
			return;
		}
		timer ??= setTimeout(now, pause);
	});

	$effect(() => {
		const leaving = (): void => {
			if (timer) now();
		};
		addEventListener('pagehide', leaving);
		return () => {
			removeEventListener('pagehide', leaving);
			leaving();
		};
	});

	return {
		/** False when this browser cannot keep drafts. */
		get works(): boolean {
			return saved;
		},
		/** Saves what is there, changed or not. */
		again(): void {
			const at = key();
			if (at && !done) saved = drafts.save(at, draft());
		},
		/** It was sent, or thrown away: nothing is left to keep. */
		finish(): void {
			done = true;
			clearTimeout(timer);
			const at = key();
			if (at) drafts.drop(at);
		}
	};
}
