// Short messages at the edge of the page, read out politely.
export interface Toast {
	id: number;
	text: string;
}

let last = 0;
const shown = $state<Toast[]>([]);

export const toasts = {
	get all(): readonly Toast[] {
		return shown;
	},
	/** Returns its id, to drop it before its time. */
	show(text: string): number {
		const id = ++last;
		shown.push({ id, text });
		// Long enough to read twice; nothing is lost when it goes.
		setTimeout(() => toasts.drop(id), 5000 + text.length * 60);
		return id;
	},
	drop(id: number): void {
		const at = shown.findIndex((toast) => toast.id === id);
		if (at >= 0) shown.splice(at, 1);
	}
};
