// What every screen of a story must be: without barriers, light and dark, and
// without anything that must be scrolled sideways, at a desk and on a phone.
import assert from 'node:assert/strict';
import { barriers, overflow } from './barriers.mjs';

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };

export async function clear(page, where) {
	for (const viewport of [phone, desktop]) {
		await page.setViewportSize(viewport);
		for (const colorScheme of ['light', 'dark']) {
			await page.emulateMedia({ colorScheme });
			assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}, ${viewport.width} wide`);
		}
	}
	for (const viewport of [phone, { width: 320, height: 640 }, desktop]) {
		await page.setViewportSize(viewport);
		assert.deepEqual(await overflow(page), [], `${where}, ${viewport.width} wide`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}
