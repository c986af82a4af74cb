/** The error that stops a build when a lesson is not well formed; it names file and line. */
export class LessonError extends Error {
  override readonly name = 'LessonError';
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.file = file;
    this.line = line;
  }
}
