return await Confab.Server.ConfabServer.Run(args);
