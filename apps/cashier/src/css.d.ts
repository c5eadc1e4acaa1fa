/** Style sheets are taken in by the bundler for what they do; they have no values. */
declare module '*.css' {}
