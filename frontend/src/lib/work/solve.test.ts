import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256, zeros } from './sha256.ts';
import { solve } from './solve.ts';

const hex = (words: Uint32Array): string => [...words].map((word) => word.toString(16).padStart(8, '0')).join('');

describe('sha256', () => {
	it('is what others compute', () => {
		for (const text of ['', 'abc', 'é'.repeat(31), 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(63), 'x'.repeat(64), '石'.repeat(500)]) {
			expect(hex(sha256(text))).toBe(createHash('sha256').update(text).digest('hex'));
		}
	});
});

describe('the work', () => {
	const challenge = 'w1.8.16.1795521600.c3RvbmU.c2VhbA';

	const hashed = (part: number, nonce: number): Buffer => {
		const tail = Buffer.alloc(8);
		tail.writeUInt32BE(part, 0);
		tail.writeUInt32BE(nonce, 4);
		return createHash('sha256').update(createHash('sha256').update(challenge).digest()).update(tail).digest();
	};

	it('counts zeros as the server does', () => {
		const seed = sha256(challenge);
		for (let nonce = 0; nonce < 300; nonce++) {
			expect(zeros(seed, 3, nonce)).toBe(Math.clz32(hashed(3, nonce).readUInt32BE(0)));
		}
		expect(zeros(seed, 0, 0xffffffff)).toBe(Math.clz32(hashed(0, 0xffffffff).readUInt32BE(0)));
	});

	it('finds a nonce for each part, and says how far it is', () => {
		const heard: number[] = [];
		const nonces = solve({ challenge, bits: 8, parts: 4 }, (found) => heard.push(found));
		expect(heard).toEqual([1, 2, 3, 4]);
		nonces.forEach((nonce, part) => expect(hashed(part, nonce)[0]).toBe(0));
	});

	it('does nothing where nothing is asked', () => {
		expect(solve({ challenge, bits: 0, parts: 2 })).toEqual([0, 0]);
	});
});
