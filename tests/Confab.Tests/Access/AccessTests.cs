using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Messages.Verbs;
using Confab.Server.Rooms;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Access;

/// <summary>Nothing is asked for that does not say what it is, and nothing is done that has no right.</summary>
public sealed class AccessTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Fact]
    public void Every_operation_has_a_row()
    {
        foreach (var operation in Enum.GetValues<Operation>())
            Assert.Contains(Enum.GetValues<ActorKind>(), kind => AccessTable.Allows(kind, operation));
    }

    [Fact]
    public void What_the_server_does_by_itself_nobody_asks_for()
    {
        Assert.False(AccessTable.Allows(ActorKind.Guest, Operation.Maintain));
        Assert.Equal(RefusalCode.Forbidden, Door.Enter(Actor.Nameless, Operation.Maintain).Code);
        Assert.Equal([Operation.Maintain], VerbTable.All.Where(verb => !AccessTable.Allows(ActorKind.Guest, verb.Operation)).Select(verb => verb.Operation).Distinct());
    }

    [Fact]
    public void Every_frame_says_what_it_asks_for()
    {
        foreach (var type in Enum.GetValues<ClientFrameType>().Except([ClientFrameType.Unknown]))
            Assert.True(Enum.IsDefined(RequiredOperation.Of(type) ?? VerbTable.Of(type).Operation));
    }

    [Fact]
    public void Every_endpoint_says_what_it_is_for()
    {
        var endpoints = shared.Server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        Assert.InRange(endpoints.Count, 20, 100);
        Assert.All(endpoints, endpoint => Assert.True(RequiredOperation.Of(endpoint) is not null, endpoint.DisplayName));
    }

    [Fact]
    public async Task What_does_not_say_it_is_not_reached()
    {
        var http = new DefaultHttpContext();
        http.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, RoutePatternFactory.Parse("/forgotten"), 0, null, "forgotten"));
        var isReached = false;
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => shared.Server.Services.GetRequiredService<Door>().Guard(http, _ =>
        {
            isReached = true;
            return Task.CompletedTask;
        }));
        Assert.Contains("forgotten", e.Message, StringComparison.Ordinal);
        Assert.False(isReached);
    }

    [Fact]
    public void Who_was_let_in_for_one_thing_does_not_get_another()
    {
        var door = shared.Server.Services.GetRequiredService<Door>();
        Assert.False(door.Enter(Actor.Nameless, Operation.ReadRoom, "general"u8, out var room).IsRefused);
        Assert.Throws<InvalidOperationException>(() => { _ = door.Store(new Visit(Actor.Nameless, Operation.ReadRoom, room), Confab.Server.Storage.ChangeKind.Message, new Draft(0, "hi"u8), default, null); });
    }

    [Fact]
    public void A_room_that_is_not_there_is_not_found_whatever_is_asked_of_it()
    {
        var door = shared.Server.Services.GetRequiredService<Door>();
        foreach (var operation in Enum.GetValues<Operation>())
            Assert.Equal(RefusalCode.NotFound, door.Enter(Actor.Nameless, operation, "nowhere"u8, out _).Code);
    }
}
