// The work that a server asks for before it makes an account.
import { sha256, zeros } from './sha256.ts';

export interface Challenge {
	challenge: string;
	bits: number;
	parts: number;
}

/** Finds a nonce for each part, and says after each how many are found. */
export function solve({ challenge, bits, parts }: Challenge, done: (found: number) => void = () => {}): number[] {
	const seed = sha256(challenge);
	const nonces: number[] = [];
	for (let part = 0; part < parts; part++) {
		let nonce = 0;
		while (zeros(seed, part, nonce) < bits) nonce++;
		nonces.push(nonce);
		done(part + 1);
	}
	return nonces;
}
