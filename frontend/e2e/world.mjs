// A server with something to read on it: the one given as DRYSTONE_DEMO_URL
// (filled by `drystone demo`), or the tested one, furnished here.
import { api, base, fresh, joinWithPassword, password, visitor } from './browser.mjs';

let made;

/** {base, account, password, group, post, comment}: where there is life. */
export function world() {
	return (made ??= process.env.DRYSTONE_DEMO_URL
		? demo(process.env.DRYSTONE_DEMO_URL.replace(/\/$/, ''))
		: furnish());
}

async function demo(address) {
	const get = async (path) => (await fetch(`${address}/api/v1${path}`)).json();
	const { items } = await get('/groups/garden/posts?sort=hot');
	const post = [...items].sort((a, b) => b.comment_count - a.comment_count)[0];
	const { items: comments } = await get(`/posts/${post.id}/comments?sort=hot`);
	const comment = comments.find((c) => c.parent_id) ?? comments[0];
	return { base: address, account: 'alice', password: 'drystone-demo', group: 'garden', post, comment };
}

async function furnish() {
	const page = await visitor();
	const account = fresh('mason');
	const name = fresh('field');
	await joinWithPassword(page, account);
	await api(page, 'POST', '/groups', { name, title: 'A furnished field', summary: 'For **tests**.' });
	for (let i = 1; i <= 6; i++) {
		await api(page, 'POST', `/groups/${name}/posts`, { title: `Course ${i}`, body: 'Stone *upon* stone.\n\n- one\n- two' });
	}
	const post = await api(page, 'POST', `/groups/${name}/posts`, {
		title: 'How to build a wall that stands',
		body: 'Big stones **below**. See [the copes](https://example.org/copes).\n\n> Two over one.\n\n```\none over two\n```',
		link: 'https://example.org/walls'
	});
	let parent;
	let comment;
	for (let depth = 0; depth < 8; depth++) {
		comment = await api(page, 'POST', `/posts/${post.id}/comments`, {
			body: `Answer number ${depth}, with \`hearting\`.`,
			...(parent ? { parent_id: parent.id } : {})
		});
		parent = comment;
	}
	await api(page, 'POST', `/posts/${post.id}/comments`, { body: 'Another opinion.' });
	await page.context().close();
	return { base, account, password, group: name, post: { ...post, comment_count: 9 }, comment };
}
