import { describe, expect, it } from 'vitest';
import { loginAddress, safeNext } from './next.ts';

const origin = 'https://field.example';

describe('safeNext', () => {
	it.each([
		['/post/12?sort=top#comment-3', '/post/12?sort=top#comment-3'],
		['/', '/'],
		['/c/garden@other.example', '/c/garden@other.example'],
		['/a/../c/garden', '/c/garden']
	])('follows %j', (next, to) => {
		expect(safeNext(next, origin)).toBe(to);
	});

	it.each([
		null,
		undefined,
		'',
		'post/12',
		'https://evil.example/',
		'https://field.example.evil.example/',
		'//evil.example',
		'/\\evil.example',
		'/\t/evil.example',
		'/\n/evil.example',
		'\\\\evil.example',
		'javascript:alert(1)',
		' //evil.example',
		'/.//evil.example',
		'/..//evil.example',
		'/login?next=/x',
		'/join',
		'http://['
	])('goes home for %j', (next) => {
		expect(safeNext(next, origin)).toBe('/');
	});

	it('always stays at home, whatever it is given', () => {
		const parts = ['/', '\\', '.', ':', '@', '\t', 'evil.example', 'https:', '?', '#', '%2f'];
		let seed = 7;
		const pick = (): string => {
			seed = (seed * 1103515245 + 12345) % 2147483648;
			return parts[seed % parts.length] as string;
		};
		for (let i = 0; i < 5000; i++) {
			const next = '/' + Array.from({ length: (i % 6) + 1 }, pick).join('');
			expect(new URL(safeNext(next, origin), origin).origin, next).toBe(origin);
		}
	});
});

it('loginAddress comes back to the very place', () => {
	const address = loginAddress({ pathname: '/post/1', search: '?sort=new', hash: '#c' });
	expect(address).toBe('/login?next=%2Fpost%2F1%3Fsort%3Dnew%23c');
	expect(safeNext(new URL(address, origin).searchParams.get('next'), origin)).toBe('/post/1?sort=new#c');
});
