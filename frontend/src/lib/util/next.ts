// Where to go after signing in. The address comes from the address bar, so
// anybody may have written it: only paths of this very site are followed.
export function safeNext(next: string | null | undefined, origin: string): string {
	if (!next || !next.startsWith('/')) return '/';
	let url: URL;
	try {
		// The URL parser knows every way of writing another host: "//", "/\",
		// tabs between the slashes. What it makes of it is what counts.
		url = new URL(next, origin);
	} catch {
		return '/';
	}
	if (url.origin !== origin) return '/';
	const path = url.pathname + url.search + url.hash;
	// A path that itself starts with two slashes would leave when followed.
	if (path.startsWith('//')) return '/';
	// Back to the door one just came through helps nobody.
	return /^\/(login|join)(\?|#|$)/.test(path) ? '/' : path;
}

/** The address of the sign-in page that comes back to where one is. */
export const loginAddress = (here: { pathname: string; search: string; hash?: string }): string =>
	'/login?next=' + encodeURIComponent(here.pathname + here.search + (here.hash ?? ''));
