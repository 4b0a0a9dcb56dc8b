// Imported here rather than in a component, so that Kit links the stylesheet
// from the shell itself: pages without JavaScript wear it too.
import './app.css';
import { asProblem } from '#lib/api/problem.ts';
import type { HandleClientError } from '@sveltejs/kit';

export const handleError: HandleClientError = ({ error, status, message }) => {
	if (status === 404) return { message, code: 'not_found' };
	const problem = asProblem(error);
	// Somebody who looks into the console wants the true error.
	if (problem !== error) console.error(error);
	return { message: problem.message, code: problem.code };
};
