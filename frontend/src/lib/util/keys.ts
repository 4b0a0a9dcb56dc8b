// Keys for people who read a lot. Rows and comments mark themselves with
// data-item; what can be done to them is a button or link with data-act, and a
// key only presses it, so that keys can never do more than the screen offers.
import { goto } from '$app/navigation';
import { prefs } from './prefs.svelte.ts';

const items = (): HTMLElement[] =>
	[...document.querySelectorAll<HTMLElement>('[data-item]')].filter((el) => el.checkVisibility());

const current = (): HTMLElement | null =>
	document.activeElement?.closest<HTMLElement>('[data-item]') ?? null;

function move(by: 1 | -1): void {
	const all = items();
	const here = current();
	// From outside the list, the first step enters it where one is looking.
	const seen = all.findIndex((el) => el.getBoundingClientRect().bottom > 0);
	const at = here ? all.indexOf(here) + by : Math.max(seen, 0);
	const next = all[Math.min(Math.max(at, 0), all.length - 1)];
	next?.focus();
	next?.scrollIntoView({ block: 'nearest' });
}

/** Goes to the next comment beside the one in focus, or the one before. */
function sidestep(by: 1 | -1): void {
	const here = current()?.closest('.comment');
	if (!here) return move(by);
	const next = by === 1 ? here.nextElementSibling : here.previousElementSibling;
	const item = next?.querySelector<HTMLElement>('[data-item]');
	item?.focus();
	item?.scrollIntoView({ block: 'nearest' });
}

/** Goes to the next comment that is new to the reader. */
function toNew(): boolean {
	const all = items();
	const at = all.indexOf(current() as HTMLElement);
	const fresh = (el: HTMLElement): boolean => el.parentElement?.classList.contains('comment-new') === true;
	const next = all.slice(at + 1).find(fresh) ?? all.find(fresh);
	next?.focus();
	next?.scrollIntoView({ block: 'center' });
	return next !== undefined;
}

function press(act: string): boolean {
	const button = current()?.querySelector<HTMLElement>(`[data-act="${act}"]`);
	button?.click();
	return button !== null && button !== undefined;
}

const acts: Record<string, string> = { x: 'fold', u: 'up', d: 'down', r: 'reply' };

/** Whether typing means text here. */
function writing(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

let goTo = 0;

/** Handles a key press; `sheet` shows the list of keys. */
export function onKey(event: KeyboardEvent, sheet: () => void): void {
	if (!prefs.keys || event.defaultPrevented) return;
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	if (writing(event.target) || document.querySelector('dialog[open]')) return;
	if (run(event, sheet)) event.preventDefault();
}

function run(event: KeyboardEvent, sheet: () => void): boolean {
	const gone = event.timeStamp - goTo < 1500;
	goTo = 0;
	if (gone && event.key === 'h') {
		void goto('/');
		return true;
	}
	switch (event.key) {
		case 'j':
			move(1);
			return true;
		case 'k':
			move(-1);
			return true;
		case 'g':
			goTo = event.timeStamp;
			return true;
		case 'Enter':
			// On a link or button inside a row, Enter already means that.
			// What a comment opens is below it.
			return event.target === current() && (press('fold') || press('open'));
		case 'J':
			sidestep(1);
			return true;
		case 'K':
			sidestep(-1);
			return true;
		case 'n':
			return toNew();
		case '/':
			search();
			return true;
		case '?':
			sheet();
			return true;
		default: {
			const act = acts[event.key];
			return act !== undefined && press(act);
		}
	}
}

function search(): void {
	const field = [...document.querySelectorAll<HTMLInputElement>('input[type=search]')].find((el) =>
		el.checkVisibility()
	);
	if (field) field.focus();
	else void goto('/search');
}
