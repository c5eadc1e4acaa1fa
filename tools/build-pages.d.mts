export function webApps(): string[];
export function buildPages(): Promise<void>;
