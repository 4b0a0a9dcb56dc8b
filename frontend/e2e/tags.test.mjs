// Hashtags: from a post to what else has it, by links, with orders, and
// without JavaScript.
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { api, base, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

test('a hashtag leads to what has it in all groups', async () => {
	const page = await visitor({ baseURL: base, reducedMotion: 'reduce' });
	await joinWithPassword(page, fresh('tagger'));
	const [one, two, tag] = [fresh('one'), fresh('two'), fresh('Peas')];
	for (const group of [one, two]) await api(page, 'POST', '/groups', { name: group });
	const post = await api(page, 'POST', `/groups/${one}/posts`, { title: 'The first row', body: `Of #${tag}, of course.` });
	await api(page, 'POST', `/groups/${two}/posts`, { title: 'The second row', body: `More #${tag.toLowerCase()}` });

	await page.goto(`/post/${post.id}`);
	await page.getByRole('link', { name: `#${tag}` }).first().click();
	await page.getByRole('heading', { name: `#${tag.toLowerCase()}`, level: 1 }).waitFor();
	await page.getByText('2 posts with this hashtag').waitFor();
	await page.getByRole('link', { name: 'The first row' }).waitFor();
	await page.getByRole('link', { name: 'The second row' }).waitFor();
	await clear(page, 'the page of a hashtag');
	await page.getByRole('navigation', { name: 'Sort' }).getByRole('link', { name: 'New' }).click();
	await page.waitForURL(/sort=new/);
	await page.goto(`/t/${fresh('nobody')}`);
	await page.getByText('Nothing here has this hashtag').waitFor();
	await clear(page, 'a hashtag that nobody used');

	const plain = await visitor({ baseURL: base, javaScriptEnabled: false });
	await plain.goto(`/t/${tag}?sort=oldest`);
	await plain.getByRole('link', { name: 'The first row' }).waitFor();
	await plain.getByText('2 posts with this hashtag').waitFor();
	await plain.context().close();
});
