// What comes only after a click: a dialog, an editor.
import { t } from '../i18n/index.ts';
import { toasts } from './toasts.svelte.ts';

/** How long a wait may last before it is spoken of, in milliseconds. */
const soon = 300;

/**
 * Waits for what a click asked for. On a slow line it says that it is coming; if
 * it cannot come it says that too, and `giveUp` lets the next click try again.
 */
export async function later<T>(coming: Promise<T>, giveUp?: () => void): Promise<T> {
	let said: number | undefined;
	const timer = setTimeout(() => (said = toasts.show(t('loading'))), soon);
	const stop = (): void => {
		clearTimeout(timer);
		if (said !== undefined) toasts.drop(said);
	};
	try {
		const it = await coming;
		stop();
		return it;
	} catch {
		stop();
		toasts.show(t('problem.offline'));
		giveUp?.();
		return new Promise(() => {}); // there is nothing to show
	}
}
