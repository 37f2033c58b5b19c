return await Confab.Cli.Tool.Run(args);
