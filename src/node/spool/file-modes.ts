/** Modes of files and directories that hold prompts and answers: nobody but their owner may read them. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;
