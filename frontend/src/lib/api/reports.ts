// Questions about what is wrong, apart from the others: most screens never ask
// them.
import { list, type Query } from './calls.ts';
import { ask, client } from './client.ts';
import type { components } from './schema.gen';
import type { Page, Report, ReportCounts, Warning } from './types.ts';

type Complaint = components['schemas']['ReportDraft'];

export const reportPost = (id: number, body: Complaint): Promise<Report> =>
	ask(client.POST('/posts/{id}/reports', { params: { path: { id } }, body }));

export const reportComment = (id: number, body: Complaint): Promise<Report> =>
	ask(client.POST('/comments/{id}/reports', { params: { path: { id } }, body }));

export const reportMessage = (id: number, body: components['schemas']['MessageReportDraft']): Promise<Report> =>
	ask(client.POST('/messages/{id}/reports', { params: { path: { id } }, body }));

export const reportPerson = (person: string, body: Complaint): Promise<Report> =>
	ask(client.POST('/people/{person}/reports', { params: { path: { person } }, body }));

export const reports = (query: Query<'/reports'>): Promise<Page<Report>> =>
	list(ask(client.GET('/reports', { params: { query } })));

export const reportCounts = (): Promise<ReportCounts> => ask(client.GET('/reports/counts'));

export const report = (id: number): Promise<Report> =>
	ask(client.GET('/reports/{id}', { params: { path: { id } } }));

export const withdrawReport = (id: number): Promise<unknown> =>
	ask(client.DELETE('/reports/{id}', { params: { path: { id } } }));

export const resolveReport = (id: number, body: components['schemas']['Resolution']): Promise<Report> =>
	ask(client.POST('/reports/{id}/resolution', { params: { path: { id } }, body }));

export const claimReport = (id: number): Promise<Report> =>
	ask(client.PUT('/reports/{id}/claim', { params: { path: { id } } }));

export const unclaimReport = (id: number): Promise<Report> =>
	ask(client.DELETE('/reports/{id}/claim', { params: { path: { id } } }));

export const warn = (person: string, body: components['schemas']['WarningDraft']): Promise<Warning> =>
	ask(client.POST('/people/{person}/warnings', { params: { path: { person } }, body }));

/** What somebody was told in private, as far as who asks may know. */
export const warnings = (person: string, query: Query<'/people/{person}/warnings'>): Promise<Page<Warning>> =>
	list(ask(client.GET('/people/{person}/warnings', { params: { path: { person }, query } })));
