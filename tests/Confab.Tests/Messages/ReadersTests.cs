using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Messages;

/// <summary>Reads that fail, and what goes on beside and after them.</summary>
public sealed class ReadersTests
{
    [Fact]
    public async Task A_read_that_was_broken_off_harms_no_later_one()
    {
        await using var server = await TestServer.Start("--Confab:Readers=1");
        var room = server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!;
        for (var i = 0; i < 2; i++)
            await server.Services.GetRequiredService<MessageLog>().Store(owner => new RoomChange().Fill(ChangeKind.Message, room, "ann"u8.ToArray(), 0, "hi"u8, default, owner));
        var readers = server.Services.GetRequiredService<Readers>();
        await Assert.ThrowsAsync<InvalidDataException>(() => readers.Query<int>(reader =>
        {
            reader.Messages.StartBefore(room, long.MaxValue, 10);
            Assert.True(reader.Messages.Step());
            throw new InvalidDataException();
        }));
        Assert.Equal(2, await readers.Query(reader => History.Page(reader, room, long.MaxValue, -1, 10).Last));
    }

    [Fact]
    public async Task A_room_that_is_on_disk_is_known_whatever_reads_do()
    {
        await using var server = await TestServer.Start();
        server.Services.GetRequiredService<Readers>().Dispose();
        var rooms = server.Services.GetRequiredService<RoomDirectory>();
        var (room, refusal) = await rooms.Create("kitchen"u8.ToArray(), "Tea"u8.ToArray());
        Assert.False(refusal.IsRefused);
        Assert.Same(room, rooms.Find(Actor.System, "kitchen"u8));
    }
}
