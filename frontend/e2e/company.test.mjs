// Coming in with a company's account.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticator, signedIn, visitor, withBrowser, withoutAutofill } from './browser.mjs';
import { clear } from './clear.mjs';
import { company } from './company.mjs';
import { ownServer } from './own.mjs';

withBrowser();

test('people of a company come in with its account', async (t) => {
	const quarry = await company(t, {
		anna: { name: 'Anna Stein', preferred_username: 'anna.stein', groups: ['masons'] },
		carl: { name: 'Carl Bruch' }
	});
	const server = await ownServer(t, {
		...quarry.settings,
		DRYSTONE_REGISTRATIONS: 'closed',
		DRYSTONE_OIDC_GROUPS: 'masons=walls'
	});
	await server.run(['account', 'create', 'keeper', '--admin', '--password-stdin'], 'a wall of dry stone');
	await server.run(['group', 'create', 'walls', '--title', 'Walls', '--moderator', 'keeper']);
	const page = await visitor({ baseURL: server.base, reducedMotion: 'reduce' });
	await withoutAutofill(page);
	const away = page.getByRole('link', { name: 'Sign in with Quarry Ltd' });

	await t.test('who refuses there can try again', async () => {
		await page.goto('/login');
		await away.click();
		await page.getByRole('link', { name: 'refuse' }).click();
		await page.getByText('Quarry Ltd did not let you go on.').waitFor();
	});

	await t.test('who is new chooses a name, and is in their groups', async () => {
		await page.goto('/login?next=/c/walls');
		await clear(page, 'the door');
		await away.click();
		await page.getByRole('link', { name: 'anna' }).click();
		await page.getByRole('heading', { level: 1, name: 'Choose your name' }).waitFor();
		const name = page.getByLabel('Name', { exact: true });
		assert.equal(await name.inputValue(), 'anna_stein');
		await clear(page, 'choosing a name');
		await name.fill('keeper');
		await page.getByRole('button', { name: 'Make my account' }).click();
		await page.getByRole('alert').getByText('is taken').waitFor();
		await clear(page, 'a name that is taken');
		await name.fill('anna');
		await page.getByRole('button', { name: 'Make my account' }).click();
		await page.waitForURL('**/c/walls');
		await signedIn(page, 'anna');
		await page.getByRole('button', { name: 'Leave: Walls' }).waitFor();
	});

	await t.test('the only way in stays, until there is another', async () => {
		await authenticator(page);
		await page.goto('/settings/security');
		const section = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Quarry Ltd' }) });
		await section.getByText('anna_stein').or(section.getByText('anna.stein')).waitFor();
		await clear(page, 'the settings');
		await section.getByRole('button', { name: 'Disconnect' }).click();
		await page.getByText('This is the only way into your account.').first().waitFor();
		await page.getByLabel('Name for a new passkey').fill('Phone');
		await page.getByRole('button', { name: 'Add a passkey' }).click();
		await page.getByRole('status').getByText('The passkey works from now on.').waitFor();
		await page.reload();
		await section.getByRole('button', { name: 'Disconnect' }).click();
		await section.getByRole('button', { name: 'Connect' }).waitFor();
	});

	await t.test('and can be tied again', async () => {
		const section = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Quarry Ltd' }) });
		await section.getByRole('button', { name: 'Connect' }).click();
		await page.getByRole('link', { name: 'carl' }).click();
		await page.waitForURL('**/settings/security');
		await section.getByText('Carl Bruch').waitFor();
	});

	await t.test('the company signs them out', async () => {
		await page.context().clearCookies();
		await page.goto('/login');
		await away.click();
		await page.getByRole('link', { name: 'carl' }).click();
		await signedIn(page, 'anna');
		const ended = await fetch(`${server.base}/oidc/logout`, {
			method: 'POST',
			body: new URLSearchParams({ logout_token: quarry.logoutToken('carl') })
		});
		assert.equal(ended.status, 200);
		await page.reload();
		await page.locator('.topacts').getByRole('link', { name: 'Sign in' }).waitFor();
	});

	await t.test('it all works without JavaScript', async () => {
		const still = await visitor({ baseURL: server.base, javaScriptEnabled: false });
		await still.goto('/oidc/start?next=/c/walls');
		await still.getByRole('link', { name: 'anna' }).click();
		await still.getByLabel('Name', { exact: true }).fill('anna2');
		await still.getByRole('button', { name: 'Make my account' }).click();
		await still.waitForURL('**/c/walls');
		await still.context().close();
	});
	assert.deepEqual(page.errors, []);
	await page.context().close();
});
