// Runs before the first paint, so that a page never flashes in the wrong
// colours. A file of its own: the server's policy allows one inline script.
try {
	var theme = localStorage.getItem('ds-theme');
	if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (e) {
	// Storage is switched off: the system's colours are right.
}
