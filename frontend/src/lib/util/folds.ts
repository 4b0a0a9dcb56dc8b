// Which branches somebody folded, for as long as they are here.
const key = 'ds-folds';
/** Nobody folds more by hand; the oldest go first. */
const most = 500;

function read(): number[] {
	try {
		const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
		return Array.isArray(found) ? found.filter((id): id is number => Number.isSafeInteger(id)) : [];
	} catch {
		return [];
	}
}

let known: Set<number> | undefined;

export const folds = {
	has: (id: number): boolean => (known ??= new Set(read())).has(id),
	set(id: number, folded: boolean): void {
		known ??= new Set(read());
		known.delete(id);
		if (folded) known.add(id);
		known = new Set([...known].slice(-most));
		try {
			sessionStorage.setItem(key, JSON.stringify([...known]));
		} catch {
			// Storage is switched off: it lasts as long as the page.
		}
	}
};
