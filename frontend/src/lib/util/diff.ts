// What changed between two texts, in pieces that people can read.

export interface Piece {
	kind: 'same' | 'gone' | 'new';
	text: string;
}

/** How different texts may be before one is simply shown after the other. */
const mostSteps = 400;

/** Words with the space after them; where the words are many, lines. */
const words = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? [];
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

export function difference(before: string, after: string): Piece[] {
	const [a, b] = [words(before), words(after)];
	return joined(walk(a, b) ?? walk(lines(before), lines(after)) ?? [
		{ kind: 'gone', text: before },
		{ kind: 'new', text: after }
	]);
}

/** The shortest way from a to b (Myers, 1986); nothing where it is too long. */
function walk(a: string[], b: string[]): Piece[] | undefined {
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let end = 0;
	while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
	const middle = path(a.slice(start, a.length - end), b.slice(start, b.length - end));
	if (!middle) return undefined;
	const same = (list: string[]): Piece[] => list.map((text) => ({ kind: 'same', text }));
	return [...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))];
}

function path(a: string[], b: string[]): Piece[] | undefined {
	const trail: Map<number, number>[] = [];
	let reach = new Map<number, number>([[1, 0]]);
	for (let d = 0; d <= Math.min(a.length + b.length, mostSteps); d++) {
		trail.push(new Map(reach));
		const next = new Map(reach);
		for (let k = -d; k <= d; k += 2) {
			let x = down(reach, k, d) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
			while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
			next.set(k, x);
			reach.set(k, x);
			if (x >= a.length && x - k >= b.length) return back(a, b, trail);
		}
		reach = next;
	}
	return undefined;
}

const down = (reach: Map<number, number>, k: number, d: number): boolean =>
	k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));

function back(a: string[], b: string[], trail: Map<number, number>[]): Piece[] {
	const pieces: Piece[] = [];
	let [x, y] = [a.length, b.length];
	for (let d = trail.length - 1; d >= 0; d--) {
		const reach = trail[d] ?? new Map<number, number>();
		const k = x - y;
		const from = down(reach, k, d) ? k + 1 : k - 1;
		const fromX = d === 0 ? 0 : (reach.get(from) ?? 0);
		const fromY = d === 0 ? 0 : fromX - from;
		while (x > fromX && y > fromY) {
			pieces.push({ kind: 'same', text: a[--x] ?? '' });
			y--;
		}
		if (d === 0) break;
		if (x > fromX) pieces.push({ kind: 'gone', text: a[--x] ?? '' });
		else if (y > fromY) pieces.push({ kind: 'new', text: b[--y] ?? '' });
	}
	return pieces.reverse();
}

/** Pieces of one kind in a row are one. */
function joined(pieces: Piece[]): Piece[] {
	const list: Piece[] = [];
	for (const piece of pieces) {
		const last = list[list.length - 1];
		if (last?.kind === piece.kind) last.text += piece.text;
		else if (piece.text) list.push({ ...piece });
	}
	return list;
}
