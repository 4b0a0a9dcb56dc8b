// What this browser remembers about how its person likes to read.

export type Theme = 'system' | 'light' | 'dark';

function read(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}

function write(key: string, value: string | null): void {
	try {
		if (value === null) localStorage.removeItem(key);
		else localStorage.setItem(key, value);
	} catch {
		// Storage is switched off: the choice lasts as long as the page.
	}
}

const stored = read('ds-theme');

class Prefs {
	#theme = $state<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');
	#keys = $state(read('ds-keys') !== 'off');

	get theme(): Theme {
		return this.#theme;
	}
	set theme(theme: Theme) {
		this.#theme = theme;
		// static/theme.js reads the same key before the first paint.
		write('ds-theme', theme === 'system' ? null : theme);
		if (theme === 'system') delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = theme;
	}

	/** Single-letter keys, which WCAG 2.1.4 wants to be switchable. */
	get keys(): boolean {
		return this.#keys;
	}
	set keys(on: boolean) {
		this.#keys = on;
		write('ds-keys', on ? null : 'off');
	}
}

export const prefs = new Prefs();
