import type { Instance, Me } from '#lib/api/types.ts';
import type { ProblemCode } from '#lib/api/problem.ts';

declare global {
	namespace App {
		interface Error {
			message: string;
			code?: ProblemCode;
		}
		interface PageData {
			me: Me | null;
			instance: Instance;
		}
	}
}
