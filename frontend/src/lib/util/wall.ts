// The wall: every group has a drawing of its own, made from its name alone, so
// nobody must upload anything to be recognised. Built as such walls are: big
// stones below, smaller above, and a row of copes set on edge on top. A group
// of another server shows the seam where that server's wall meets ours.

/** Path data by class of stone (see .st-* in app.css), and the wall's tint. */
export interface Drawing {
	tone: number;
	width: number;
	height: number;
	paths: { stone: string; d: string }[];
}

type Point = [number, number];
type Random = () => number;

/** FNV-1a: small, and the same everywhere. */
export function hash(text: string): number {
	let h = 0x811c9dc5;
	for (const unit of new TextEncoder().encode(text)) {
		h = Math.imul(h ^ unit, 0x01000193) >>> 0;
	}
	return h;
}

/** mulberry32: a stream of numbers in [0, 1) that a name always repeats. */
function random(seed: number): Random {
	let a = seed;
	return () => {
		a = (a + 0x6d2b79f5) | 0;
		let x = Math.imul(a ^ (a >>> 15), 1 | a);
		x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
		return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
	};
}

const tones = 5;
export const tone = (name: string): number => (hash(name.toLowerCase()) % tones) + 1;

const round = (n: number): number => Math.round(n * 10) / 10;

/** A polygon with its corners worn off. */
function worn(points: Point[], wear: number): string {
	let d = '';
	points.forEach((corner, i) => {
		const before = points[(i + points.length - 1) % points.length] as Point;
		const after = points[(i + 1) % points.length] as Point;
		const from = towards(corner, before, wear);
		const to = towards(corner, after, wear);
		d += `${i ? 'L' : 'M'}${round(from[0])} ${round(from[1])}`;
		d += `Q${round(corner[0])} ${round(corner[1])} ${round(to[0])} ${round(to[1])}`;
	});
	return d + 'z';
}

function towards([x, y]: Point, [tx, ty]: Point, by: number): Point {
	const length = Math.hypot(tx - x, ty - y) || 1;
	const part = Math.min(by / length, 0.45);
	return [x + (tx - x) * part, y + (ty - y) * part];
}

class Builder {
	readonly #r: Random;
	readonly #layers = new Map<string, string>();

	constructor(seed: number) {
		this.#r = random(seed);
	}

	between(low: number, high: number): number {
		return low + (high - low) * this.#r();
	}

	/** Mostly plain stone; lichen grows here and there. */
	#kind(): string {
		const x = this.#r();
		if (x > 0.975) return 'st-k';
		if (x > 0.84) return 'st-t';
		return x > 0.56 ? 'st-a' : x > 0.28 ? 'st-b' : 'st-c';
	}

	stone(corners: Point[], wear: number, kind = this.#kind()): void {
		this.#layers.set(kind, (this.#layers.get(kind) ?? '') + worn(corners, wear));
	}

	/** One course of stones between two x, each of an uneven width. */
	course(x0: number, x1: number, top: number, bottom: number, min: number, max: number): void {
		const gap = 1.2;
		let x = x0;
		let lean = 0;
		while (x < x1 - 0.5) {
			let width = this.between(min, max);
			// No slivers at the end: the last stone takes what is left.
			if (x1 - (x + width) < min * 0.8) width = x1 - x;
			const last = x + width >= x1 - 0.5;
			const next = last ? 0 : this.between(-3, 3);
			const dip = (): number => this.between(0, Math.min(2.2, (bottom - top) / 9));
			this.stone(
				[
					[x + gap + lean, top + gap + dip()],
					[x + width - gap + next, top + gap + dip()],
					[x + width - gap - next, bottom - gap - dip()],
					[x + gap - lean, bottom - gap - dip()]
				],
				Math.min(4, (bottom - top) / 5)
			);
			lean = next;
			x += width;
		}
	}

	/** Cope stones, on edge and leaning on each other. */
	cope(x0: number, x1: number, top: number, bottom: number): void {
		const lean = this.between(2, 5) * (this.#r() > 0.5 ? 1 : -1);
		let x = x0;
		while (x < x1 - 4) {
			const width = Math.min(this.between(11, 24), x1 - x);
			const head = top + this.between(0, (bottom - top) * 0.38);
			this.stone(
				[
					[x + 1.2 + lean, head + this.between(0, 4)],
					[x + width - 1.2 + lean, head + this.between(0, 4)],
					[x + width - 1.2, bottom - 1],
					[x + 1.2, bottom - 1]
				],
				4
			);
			x += width;
		}
	}

	drawing(tone: number, width: number, height: number): Drawing {
		const paths = [...this.#layers].map(([stone, d]) => ({ stone, d }));
		return { tone, width, height, paths };
	}
}

const id = (name: string, host: string): string => (host ? `${name}@${host}` : name).toLowerCase();

/** The banner of a group. */
export function wall(name: string, host = ''): Drawing {
	const width = 1200;
	const height = 104;
	const b = new Builder(hash(id(name, host)));
	const seam = host ? 140 + (hash(host) % 160) : 0;
	const parts: Point[] = host
		? [
				[-10, seam - 2],
				[seam + 2, width + 10]
			]
		: [[-10, width + 10]];
	for (const [x0, x1] of parts) {
		b.course(x0, x1, 74, 106, 46, 118);
		b.course(x0, x1, 49, 74, 36, 96);
		b.course(x0, x1, 30, 49, 26, 70);
		b.cope(x0, x1, 4, 30);
	}
	return b.drawing(tone(name), width, height);
}

/** The same wall seen from afar: three courses and one stone to know it by. */
export function icon(name: string, host = ''): Drawing {
	const b = new Builder(hash(id(name, host)));
	const rows: Point[] = [
		[27, 40],
		[13, 27],
		[0, 13]
	];
	const key = Math.floor(b.between(0, 3));
	rows.forEach(([top, bottom], row) => {
		const cut = b.between(12, 28);
		const left = b.between(0, 1) > 0.5;
		const half = (x0: number, x1: number, kind: string): void => {
			const slant = b.between(-2, 2);
			const corners: Point[] = [
				[x0 + 1, top + 1],
				[x1 - 1 + slant * (x1 < 40 ? 1 : 0), top + 1],
				[x1 - 1 - slant * (x1 < 40 ? 1 : 0), bottom - 1],
				[x0 + 1, bottom - 1]
			];
			b.stone(corners, 3, kind);
		};
		half(0, cut, row === key && left ? 'st-k' : 'st-t');
		half(cut, 40, row === key && !left ? 'st-k' : row % 2 ? 'st-t' : 'st-b');
	});
	return b.drawing(tone(name), 40, 40);
}

/** One long course, for the line under the top bar. */
export function line(name: string): Drawing {
	const b = new Builder(hash(id(name, '')));
	b.course(-6, 2400, -2, 10, 22, 84);
	return b.drawing(tone(name), 2400, 9);
}
