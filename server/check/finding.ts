/** Something that is not as it should be: what, how, and what to do. Problem and remedy are sentences. */
export type Finding = { subject: string; problem: string; remedy: string }
