// Does the work beside the page, so that the page stays alive.
import { solve, type Challenge } from './solve.ts';

onmessage = ({ data }: MessageEvent<Challenge>) => {
	postMessage({ nonces: solve(data, (found) => postMessage({ found })) });
};
